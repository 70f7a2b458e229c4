// What runs, and costs, without a `team` tag that says who pays for it?
const TAG = 'team';
const TYPES = ['AWS::EC2::Instance', 'AWS::EC2::Volume', 'AWS::RDS::DBInstance'];
const accounts = await listAccounts();
const regions = (await listRegions()).map((region) => region.code);

const rows = [];
for (const type of TYPES) {
  const { items, errors } = await queryResources({
    resourceType: type, accountId: accounts.map((account) => account.id), region: regions,
    fields: ['InstanceType', 'Size', 'DBInstanceClass', 'AllocatedStorage'],
  });
  for (const error of errors) console.warn(`${type}: ${error.code} in ${error.accountId} ${error.region}`);
  for (const account of accounts) {
    const own = items.filter((item) => item.accountId === account.id);
    const without = own.filter((item) => !item.tags[TAG]);
    if (without.length > 0) {
      const size = (item) => item.properties.InstanceType ?? item.properties.DBInstanceClass ?? `${item.properties.Size} GB`;
      rows.push({
        account: account.name, type, without: without.length, of: own.length,
        for_example: `${without[0].displayName} (${size(without[0])}) in ${without[0].region}`,
      });
    }
  }
}

rows.sort((a, b) => b.without - a.without);
console.log(`${rows.reduce((sum, row) => sum + row.without, 0)} resources have no ${TAG} tag`);
rows;
