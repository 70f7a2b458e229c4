// raw_worker.mjs as one would first write it: Node's streams, one line of JSON a message. Its argument is how many
// calls it makes, one after the other.
let left = Number(process.argv[2]);
let text = '';

const call = () => process.stdout.write(`${JSON.stringify({ type: 'call', call: left, binding: 'echo', args: [left] })}\n`);

process.stdin.setEncoding('utf8').on('data', (chunk) => {
  text += chunk;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
    JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    left -= 1;
    if (left > 0) call();
    else process.exit(0);
  }
});
call();
