from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="resolve", call=1, value=1)
wait_for_the_end()
