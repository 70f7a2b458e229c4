from speaking import ready, wait_for_the_end

ready(node="24.19.0" + "0" * 2**20)
wait_for_the_end()
