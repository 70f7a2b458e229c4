// attack: keeps objects of Intl, whose memory is not V8's
// expect: memory_limit
// layer: memory
// limits: timeout_seconds=60
const kept = [];
for (;;) kept.push(new Intl.Segmenter('ja'), new Intl.Collator('zh-u-co-stroke'), new Intl.NumberFormat('ar', { style: 'currency', currency: 'EUR' }));
