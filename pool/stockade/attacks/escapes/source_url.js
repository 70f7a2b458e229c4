// attack: gives itself the name of a file of Node, to be taken for it in stacks
// expect: ok
const text = new Error('x').stack;
/node:|file:/.test(text.slice(text.indexOf('\n'))) ? `ESCAPED: ${text}` : 'contained';
//# sourceURL=node:internal/process/task_queues
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImZpbGU6Ly8vZXRjL3Bhc3N3ZCJdfQ==
