// Which security groups, in all accounts and regions, let the whole world in on port 22?
const WORLD = new Set(['0.0.0.0/0', '::/0']);

const covers = (rule, port) =>
  rule.IpProtocol === '-1' || (rule.IpProtocol === 'tcp' && rule.FromPort <= port && port <= rule.ToPort);

const openTo = (rule) =>
  [...(rule.IpRanges ?? []).map((r) => r.CidrIp), ...(rule.Ipv6Ranges ?? []).map((r) => r.CidrIpv6)]
    .filter((cidr) => WORLD.has(cidr));

const [accounts, regions] = [await listAccounts(), await listRegions()];
console.log(`looking at ${accounts.length} accounts in ${regions.length} regions`);

const findings = [];
await Promise.all(accounts.flatMap((account) => regions.map(async (region) => {
  const groups = await queryResources('AWS::EC2::SecurityGroup', account.id, region.code);
  for (const group of groups) {
    for (const rule of group.properties.IpPermissions ?? []) {
      for (const source of covers(rule, 22) ? openTo(rule) : []) {
        findings.push({
          account: account.name, region: region.code, group: group.resourceId,
          name: group.properties.GroupName, source, ports: rule.IpProtocol === '-1' ? 'all' : `${rule.FromPort}-${rule.ToPort}`,
        });
      }
    }
  }
})));

findings.sort((a, b) => a.account.localeCompare(b.account) || a.region.localeCompare(b.region));
console.log(`${findings.length} security groups let the world in on port 22`);
findings;
