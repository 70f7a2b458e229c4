// Who deleted what in the last three days, in all accounts, and who tried and was refused?
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];
const NAMES = ['DeleteBucket', 'TerminateInstances', 'DeleteSecurityGroup', 'DeleteUser'];
const startTime = new Date(Date.now() - 3 * 24 * 3600 * 1000);

const accounts = await listAccounts();
const asked = accounts.flatMap((account) =>
  REGIONS.flatMap((region) => NAMES.map((eventName) => ({ accountId: account.id, region, eventName, startTime }))));

const answers = await Promise.all(asked.map(async (query) => ({ query, ...await getCloudTrailEvents(query) })));

const rows = answers.flatMap(({ query, events, truncated }) => {
  if (truncated) console.warn(`${query.accountId} ${query.region} ${query.eventName}: there are more events than these`);
  return events.map((event) => ({
    when: event.eventTime,
    account: accounts.find((account) => account.id === query.accountId).name,
    region: query.region,
    who: event.username,
    did: event.eventName,
    to: event.resources.map((resource) => resource.name).join(', '),
    refused: event.errorCode ?? '',
  }));
});

rows.sort((a, b) => b.when.localeCompare(a.when));
console.log(`${rows.length} events, ${rows.filter((row) => row.refused).length} of them refused`);
rows;
