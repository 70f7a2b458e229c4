// attack: passes numbers that a decoder may choke on
// expect: ok
// layer: worker
(async () => { const numbers = [2 ** 53, -(2 ** 53), 2 ** 64, 1.7976931348623157e308, 5e-324, -0, 1e21, 0.1 + 0.2]; const back = await echo(numbers); return JSON.stringify(back) === JSON.stringify(numbers) ? 'contained' : JSON.stringify(back); })();
