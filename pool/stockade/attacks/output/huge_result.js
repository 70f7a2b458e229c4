// attack: returns a value larger than its limit, made of very many small ones
// expect: result_limit
// layer: worker
new Array(600000).fill(0).map((_, i) => i);
