// Prints what it was started with.
console.log(JSON.stringify({ env: process.env, cwd: process.cwd(), pid: process.pid, ppid: process.ppid }));
