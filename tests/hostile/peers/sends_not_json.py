from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b"undefined\n")
wait_for_the_end()
