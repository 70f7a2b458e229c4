from speaking import hear, ready, say, wait_for_the_end

ready()
hear()  # `warm`, which nothing answers
say(type="console", level="log", text="nobody asked")
wait_for_the_end()
