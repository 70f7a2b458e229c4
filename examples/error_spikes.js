// In which ten minutes of the last day did an API answer with more errors than usual, and with which?
const GROUP = '/acme/api';
const MINUTES = 10;
const day = { startTime: Date.now() - 24 * 3600 * 1000, endTime: Date.now() };

const rows = [];
for (const account of await listAccounts()) {
  for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-2']) {
    const { events, truncated } = await queryCloudWatchLogEvents({
      logGroupName: GROUP, accountId: account.id, region, filterPattern: '{ $.status >= 500 }', ...day,
    });
    if (truncated) console.warn(`${account.name} ${region}: only the first ${events.length} errors were read`);

    const slots = new Map();
    for (const event of events) {
      const slot = Math.floor(event.timestamp / (MINUTES * 60_000));
      slots.set(slot, [...(slots.get(slot) ?? []), JSON.parse(event.message)]);
    }
    const counts = [...slots.values()].map((each) => each.length).sort((a, b) => a - b);
    const usual = counts[Math.floor(counts.length / 2)] ?? 0;
    for (const [slot, messages] of slots) {
      if (messages.length >= 5 && messages.length > 3 * usual) {
        const from = new Date(slot * MINUTES * 60_000).toISOString();
        rows.push({ account: account.name, region, from, errors: messages.length, path: messages[0].path, status: messages[0].status });
      }
    }
  }
}

rows.sort((a, b) => b.errors - a.errors);
console.log(`${rows.length} spikes`);
rows;
