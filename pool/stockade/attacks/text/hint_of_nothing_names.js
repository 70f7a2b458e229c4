// attack: the same where the name stands in the script a hundred thousand times
// expect: ok
// value: null
// layer: supervisor
// fill: 120000 "m "
`/*FILL*/`;
function m() {}
m()
