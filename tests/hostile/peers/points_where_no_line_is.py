from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="threw", kind="exception", name="x", message="y", line=2**53 - 1, column=2**53 - 1)
wait_for_the_end()
