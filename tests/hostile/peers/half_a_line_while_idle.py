from speaking import hear, ready, send, wait_for_the_end

ready()
hear()  # `warm`, which nothing answers
send(b'{"type":"returned","value":')
wait_for_the_end()
