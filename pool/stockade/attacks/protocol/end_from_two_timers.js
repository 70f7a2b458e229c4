// attack: throws from several timers of the same moment
// expect: exception
for (let i = 0; i < 10; i += 1) setTimeout(() => { throw new Error(`ending ${i}`); }, 1);
new Promise(() => {});
