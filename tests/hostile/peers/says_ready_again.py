from speaking import ready, ready_and_running, wait_for_the_end

ready_and_running()
ready()
wait_for_the_end()
