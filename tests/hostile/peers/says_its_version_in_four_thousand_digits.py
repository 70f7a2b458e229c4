from speaking import ready, wait_for_the_end

ready(version=10**4_000)
wait_for_the_end()
