from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(type="threw", kind="exception", name="Error", message="x" * 20_000)
wait_for_the_end()
