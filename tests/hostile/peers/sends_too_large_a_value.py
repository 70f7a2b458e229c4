from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="returned", value="x" * 2**17)
wait_for_the_end()
