// attack: throws the words by which the supervisor knows a refused allocation
// expect: memory_limit
throw new RangeError('Array buffer allocation failed');
