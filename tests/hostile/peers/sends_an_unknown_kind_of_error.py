from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="threw", kind="timeout", name="x", message="y")
wait_for_the_end()
