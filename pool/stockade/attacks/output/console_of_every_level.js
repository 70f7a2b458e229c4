// attack: spreads the flood over all levels
// expect: output_limit
// layer: worker
for (;;) for (const level of ['log', 'info', 'warn', 'error', 'debug']) console[level](level.repeat(20));
