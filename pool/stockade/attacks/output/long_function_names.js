// attack: throws from functions whose names fill the stack
// expect: exception
// layer: worker
const name = 'f'.repeat(1e6);
const make = (inner) => ({ [name]: () => inner() })[name];
let chain = () => { throw new Error('x'); };
for (let i = 0; i < 10; i += 1) chain = make(chain);
chain();
