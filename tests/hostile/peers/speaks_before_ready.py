from speaking import say, wait_for_the_end

say(type="console", level="log", text="hello")
wait_for_the_end()
