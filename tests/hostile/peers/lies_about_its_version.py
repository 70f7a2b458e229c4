from speaking import ready, wait_for_the_end

ready(version=2)
wait_for_the_end()
