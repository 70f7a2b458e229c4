from speaking import ready_and_running, send, wait_for_the_end

ready_and_running()
send(b'{"type":"console","level":"log","text":"\xff\xfe"}\n')
wait_for_the_end()
