import select

from speaking import hear, ready, say

ready()
select.select([0], [], [])
say(type="returned", value=1)
hear()  # by now it is not wanted any more, and killed
