from speaking import ready_and_running, say, wait_for_the_end

ready_and_running()
say(**{"type": "returned", "value": 1, "\x1b[2J" + "x" * 10000: True})
wait_for_the_end()
