from speaking import wait_for_the_end

wait_for_the_end()
