import select

from speaking import ready, say, wait_for_the_end

ready()
select.select([], [], [], 0.001)
say(type="console", level="log", text="nobody asked")
wait_for_the_end()
