from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="call", call=1, binding="setTimeout", args=[1000])
say(type="clear", call=2)
wait_for_the_end()
