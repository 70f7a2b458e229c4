// attack: leaves a call without waiting, whose answer has the number of the next run's first
// expect: ok
echo('of the run before');
echo('of the run before');
'contained';
// then: ["mine", "also mine"]
Promise.all([echo('mine'), echo('also mine')]);
