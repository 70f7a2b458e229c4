// Which volumes and databases are not encrypted, and which buckets not with a KMS key, in all accounts and regions?
const accounts = await listAccounts();
const regions = (await listRegions()).map((region) => region.code);
const ids = accounts.map((account) => account.id);
const name = Object.fromEntries(accounts.map((account) => [account.id, account.name]));

const everything = async (type, options = {}) => {
  const answer = await queryResources({ resourceType: type, accountId: ids, region: regions, ...options });
  for (const error of answer.errors) console.warn(`${type} in ${error.accountId} ${error.region}: ${error.code}`);
  for (const warning of answer.meta.warnings) console.warn(`${type}: ${warning}`);
  return answer.items;
};

const ENCRYPTION = 'ServerSideEncryptionConfiguration';
const [volumes, databases, buckets] = await Promise.all([
  everything('AWS::EC2::Volume', { fields: ['Encrypted', 'Size'] }),
  everything('AWS::RDS::DBInstance', { fields: ['StorageEncrypted', 'AllocatedStorage'] }),
  everything('AWS::S3::Bucket', { region: ['global'], detail: 'full', fields: [ENCRYPTION] }),
]);

// AWS encrypts every bucket with a key of S3's own (AES256) unless told to use one of KMS.
const algorithm = ({ properties }) => {
  if (!(ENCRYPTION in properties)) return 'could not be read';
  return properties[ENCRYPTION]?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? 'none';
};

const rows = [
  ...volumes.filter((item) => !item.properties.Encrypted).map((item) => [item, 'none', item.properties.Size]),
  ...databases.filter((item) => !item.properties.StorageEncrypted).map((item) => [item, 'none', item.properties.AllocatedStorage]),
  ...buckets.filter((item) => !algorithm(item).startsWith('aws:kms')).map((item) => [item, algorithm(item), null]),
].map(([item, encryption, gigabytes]) => ({
  account: name[item.accountId],
  region: item.region,
  type: item.resourceType.split('::').slice(1).join(' '),
  id: item.resourceId,
  encryption,
  gigabytes,
}));

rows.sort((a, b) => a.account.localeCompare(b.account) || a.region.localeCompare(b.region) || a.id.localeCompare(b.id));
console.log(`${rows.length} of ${volumes.length + databases.length + buckets.length} are not encrypted, or not with a KMS key`);
rows;
