// attack: calls for ever without letting an answer in
// expect: call_limit
// layer: worker
for (;;) echo(1);
