from speaking import ready_and_running

ready_and_running()
