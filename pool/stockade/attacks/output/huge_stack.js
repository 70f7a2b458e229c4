// attack: throws an error with a stack of its own, sixteen million letters long
// expect: exception
// layer: worker
throw Object.assign(new Error('x'), { stack: `Error: x\n${'    at f (script.js:1:1)\n'.repeat(500000)}` });
