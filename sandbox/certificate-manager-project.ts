export { insertCertificateManager as createCertificateManagerProject } from "./project/projects.js";
