// attack: clears the numbers of calls as if they were timers, and timers twice
// expect: ok
(async () => {
  const pending = echo('x');
  for (const id of [0, 1, 2, '1', -1, NaN, '__proto__', {}, null]) { clearTimeout(id); clearInterval(id); }
  const timer = setTimeout(() => console.log('ESCAPED: a cleared timer fired'), 5);
  clearTimeout(timer); clearTimeout(timer); clearInterval(`${timer}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return (await pending) === 'x' ? 'contained' : 'wrong';
})();
