// Which volumes, databases and buckets are not encrypted with a key, in all accounts and regions?
const accounts = await listAccounts();
const regions = (await listRegions()).map((region) => region.code);
const ids = accounts.map((account) => account.id);
const name = Object.fromEntries(accounts.map((account) => [account.id, account.name]));

const everything = async (type, options = {}) => {
  const { items, errors } = await queryResources({ resourceType: type, accountId: ids, region: regions, ...options });
  for (const error of errors) console.warn(`${type} in ${error.accountId} ${error.region}: ${error.code}`);
  return items;
};

const [volumes, databases] = await Promise.all([
  everything('AWS::EC2::Volume', { fields: ['Encrypted', 'Size'] }),
  everything('AWS::RDS::DBInstance', { fields: ['StorageEncrypted', 'AllocatedStorage'] }),
]);

const rows = [
  ...volumes.filter((item) => !item.properties.Encrypted).map((item) => [item, item.properties.Size]),
  ...databases.filter((item) => !item.properties.StorageEncrypted).map((item) => [item, item.properties.AllocatedStorage]),
].map(([item, gigabytes]) => ({
  account: name[item.accountId],
  region: item.region,
  type: item.resourceType.split('::').slice(1).join(' '),
  id: item.resourceId,
  gigabytes,
}));

rows.sort((a, b) => a.account.localeCompare(b.account) || a.region.localeCompare(b.region) || a.id.localeCompare(b.id));
console.log(`${rows.length} of ${volumes.length + databases.length} are not encrypted`);
rows;
