/** A resource as a policy for whole stacks sees it. */
export interface StackResource {
  urn: string;
  type: string;
  name: string;
  props: { durable?: unknown };
  protect: boolean;
  parent: string | undefined;
}

const SERVER = "infisical:index:InfisicalServer";
/** What data is lost with, or cannot be read without. */
const PRECIOUS = [
  "random:index/randomPassword:RandomPassword",
  "random:index/randomString:RandomString",
  "docker:index/volume:Volume",
  "docker:index/network:Network",
  "docker:index/container:Container",
];

/** @returns for each resource that a durable server could lose, its URN and a message. */
export function unprotected(resources: StackResource[]): { urn: string; message: string }[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const isDurable = (resource: StackResource | undefined): boolean => {
    if (resource === undefined) return false;
    const server = resource.type === SERVER && resource.props.durable === true;
    return server || isDurable(resource.parent === undefined ? undefined : byUrn.get(resource.parent));
  };
  return resources
    .filter((resource) => PRECIOUS.includes(resource.type) && !resource.protect && isDurable(resource))
    .map(({ urn, name }) => ({
      urn,
      message: `${name} belongs to a durable server and is not protected: one \`pulumi destroy\` would take the data.`,
    }));
}
