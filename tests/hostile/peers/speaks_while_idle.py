from speaking import ready, say, wait_for_the_end

ready()
say(type="console", level="log", text="nobody asked")
wait_for_the_end()
