from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="call", call=1, binding="never", args=[])
say(type="clear", call=1)
wait_for_the_end()
