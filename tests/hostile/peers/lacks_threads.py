import threading

from speaking import wait_for_the_end

threading.Thread(target=wait_for_the_end).start()
wait_for_the_end()
