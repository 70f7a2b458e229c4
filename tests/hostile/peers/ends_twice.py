from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b'{"type":"returned","value":1}\n' * 2)
wait_for_the_end()
