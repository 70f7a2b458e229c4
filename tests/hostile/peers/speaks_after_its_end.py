from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b'{"type":"returned","value":1}\n{"type":"console","level":"log","text":"more"}\n')
wait_for_the_end()
