from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="\x1b[2Jexecute" + "x" * 10000, script="1")
wait_for_the_end()
