interface Account { id: string; name: string; alias: string | null; email: string | null; default: boolean; source: string }
/** Every account the script may ask about, the default one first. */
declare function listAccounts(): Promise<Account[]>;

/** Every region that is switched on for the account. */
declare function listRegions(accountId?: string | { accountId?: string }): Promise<{ code: string; name: string }[] & { meta: { warnings: string[]; budget: any } }>;

interface Resource {
  resourceType: string; resourceId: string; arn: string | null; displayName: string; accountId: string;
  /** "global" for services that have no regions */ region: string;
  status: string | null; tags: Record<string, string>; /** as AWS names them */ properties: any;
  /** where it was found through one: what that gave */ parent?: any; /** of `detail: "count"` */ count?: number;
}
interface ResourceOptions {
  limit?: number; /** e.g. ["InstanceId", "State.Name"] */ fields?: string[];
  detail?: "count" | "summary" | "tags" | "full"; tags?: Record<string, string | string[]>;
}
type Meta = { truncated: boolean; pages: number; calls: number; fromCache: boolean; tier: string; warnings: string[]; budget: any };
interface ScopeError {
  code: string; message: string; retryable: boolean; hint: string | null; accountId: string; region: string;
  service: string; operation: string; requestId: string | null;
}
type Many = { items: Resource[]; errors: ScopeError[]; truncated: boolean; meta: Meta };
/**
 * Resources by CloudFormation type name, such as 'AWS::EC2::Instance'.
 * One account and region give an array with `meta`, or throw an AwsError (`code`, `retryable`, `hint`).
 * Arrays of accounts or regions give `items` and, where a scope failed, its error in `errors`.
 */
declare function queryResources(resourceType: string, accountId?: string, region?: string, options?: ResourceOptions): Promise<Resource[] & { meta: Meta }>;
declare function queryResources(resourceType: string, accountId?: string | string[], region?: string | string[], options?: ResourceOptions): Promise<Many>;
declare function queryResources(options: ResourceOptions & { resourceType: string; accountId?: string; region?: string }): Promise<Resource[] & { meta: Meta }>;
declare function queryResources(options: ResourceOptions & { resourceType: string; accountId?: string | string[]; region?: string | string[] }): Promise<Many>;

type LogEvents = { events: { timestamp: number; message: string; ingestionTime: number; logStreamName: string }[]; nextToken: string | null; totalEvents: number; truncated: boolean; statistics: any; meta: { truncated: boolean; pages: number; warnings: string[]; budget: any } };
/**
 * Events of a log group, oldest first; the last hour unless told otherwise. Times: milliseconds since 1970, ISO text, or a Date.
 * The pattern is that of CloudWatch Logs: terms, "phrases", ?any -none, { $.level = "error" }, [ip, user, ...].
 */
declare function queryCloudWatchLogEvents(logGroupName: string, startTime?: number | string | Date, endTime?: number | string | Date, filterPattern?: string): Promise<LogEvents>;
declare function queryCloudWatchLogEvents(options: { logGroupName: string; startTime?: number | string | Date; endTime?: number | string | Date; filterPattern?: string; accountId?: string; region?: string; limit?: number; logStreamNames?: string[] }): Promise<LogEvents>;

interface TrailEvent { eventId: string; eventName: string; eventTime: string; eventSource: string; username: string | null; resources: any[]; errorCode: string | null; [more: string]: any }
type TrailEvents = { events: TrailEvent[]; nextToken: string | null; totalEvents: number; truncated: boolean; meta: { truncated: boolean; pages: number; warnings: string[]; budget: any } };
/**
 * Management events of the last 90 days, newest first; the last hour unless told otherwise. Times: milliseconds since 1970, ISO text, or a Date.
 * AWS allows two look-ups a second, so a wide span takes long.
 */
declare function getCloudTrailEvents(startTime?: number | string | Date, endTime?: number | string | Date, eventName?: string): Promise<TrailEvents>;
declare function getCloudTrailEvents(options: { startTime?: number | string | Date; endTime?: number | string | Date; eventName?: string; accountId?: string; region?: string; lookupAttributes?: { AttributeKey: string; AttributeValue: string }[]; maxResults?: number }): Promise<TrailEvents>;

interface CountError {
  code: string; message: string; retryable: boolean; hint: string | null; resourceType: string; accountId: string; region: string;
  service: string; operation: string; requestId: string | null;
}
type Counts = { counts: { resourceType: string; accountId: string; region: string; count: number; truncated: boolean }[]; total: number; errors: CountError[]; meta: { warnings: string[]; budget: any } };
/** How many there are of each type in each account and region. */
declare function countResources(types: string | string[], accounts?: string | string[], regions?: string | string[]): Promise<Counts>;
declare function countResources(options: { types: string | string[]; accounts?: string | string[]; regions?: string | string[] }): Promise<Counts>;

/** The properties that queryResources gives for a type, without asking AWS. */
declare function getResourceSchema(resourceType: string | { resourceType: string }): Promise<any>;

/** The types that can be queried and whose name has every word of the filter. */
declare function listResourceTypes(filter?: string | { filter?: string }): Promise<{ type: string; service: string; tier: string; parent: string | null }[]>;
