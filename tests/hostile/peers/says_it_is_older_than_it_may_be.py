from speaking import ready, wait_for_the_end

ready(node="18.20.0")
wait_for_the_end()
