// Writes models with the exporters of three.js: node three_models.mjs NODE_MODULES FOLDER
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , modules, folder] = process.argv;
globalThis.FileReader = class {
  readAsArrayBuffer(blob) { blob.arrayBuffer().then((data) => { this.result = data; this.onloadend?.(); }); }
  readAsDataURL(blob) {
    blob.arrayBuffer().then((data) => {
      this.result = `data:${blob.type};base64,${Buffer.from(data).toString('base64')}`;
      this.onloadend?.();
    });
  }
};
const load = (path) => import(pathToFileURL(`${modules}/three/${path}`));
const THREE = await load('build/three.module.js');
const addons = {};
for (const name of ['GLTFExporter', 'OBJExporter', 'STLExporter', 'USDZExporter'])
  Object.assign(addons, await load(`examples/jsm/exporters/${name}.js`));

const shapes = {
  box: new THREE.BoxGeometry(1, 2, 3, 2, 2, 2),
  sphere: new THREE.SphereGeometry(1, 16, 12),
  cylinder: new THREE.CylinderGeometry(1, 0.5, 2, 12, 2),
  cone: new THREE.ConeGeometry(1, 2, 9),
  torus: new THREE.TorusGeometry(1, 0.3, 8, 16),
  knot: new THREE.TorusKnotGeometry(1, 0.3, 64, 6),
  capsule: new THREE.CapsuleGeometry(0.5, 1, 4, 8),
  icosahedron: new THREE.IcosahedronGeometry(1, 1),
  lathe: new THREE.LatheGeometry([0, 1, 2, 3].map((i) => new THREE.Vector2(Math.sin(i) + 1, i)), 9),
  ring: new THREE.RingGeometry(0.5, 1, 12),
};
const scenes = {};
for (const [name, geometry] of Object.entries(shapes)) {
  const mesh = new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ name: 'paint', color: 0x4080c0, roughness: 0.3 }));
  mesh.name = name;
  mesh.position.set(1, 2, 3);
  mesh.rotation.set(0.1, 0.2, 0.3);
  scenes[name] = new THREE.Scene().add(mesh);
}
const special = {
  physical: () => new THREE.Mesh(shapes.sphere, new THREE.MeshPhysicalMaterial({
    name: 'lacquer', clearcoat: 0.7, transmission: 0.4, ior: 1.4, sheen: 0.5, iridescence: 0.3, emissive: 0x101010 })),
  unlit: () => new THREE.Mesh(shapes.box, new THREE.MeshBasicMaterial({ name: 'sign', color: 0xff8000 })),
  glass: () => new THREE.Mesh(shapes.box, new THREE.MeshStandardMaterial({ name: 'pane', transparent: true, opacity: 0.5, side: 2 })),
  colours: () => {
    const geometry = shapes.box.clone();
    const count = geometry.attributes.position.count;
    geometry.setAttribute('color', new THREE.BufferAttribute(new Float32Array(count * 3).map((_, i) => (i % 7) / 7), 3));
    return new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ name: 'skin', vertexColors: true }));
  },
  parts: () => new THREE.Mesh(shapes.box, [0, 1, 2, 3, 4, 5].map((i) =>
    new THREE.MeshStandardMaterial({ name: `side ${i}`, color: i * 0x202020 }))),
  lamps: () => new THREE.Group().add(new THREE.PointLight(0xffffff, 3), new THREE.SpotLight(0xff0000, 2),
    new THREE.DirectionalLight(0x00ff00, 1), new THREE.PerspectiveCamera(40, 1.5, 0.1, 50), new THREE.Mesh(shapes.cone)),
  lines: () => new THREE.Group().add(new THREE.LineSegments(new THREE.EdgesGeometry(shapes.box)), new THREE.Mesh(shapes.box)),
  points: () => new THREE.Group().add(new THREE.Points(shapes.sphere), new THREE.Mesh(shapes.box)),
  instances: () => {
    const mesh = new THREE.InstancedMesh(shapes.cone, new THREE.MeshStandardMaterial({ name: 'pine' }), 5);
    for (let i = 0; i < 5; i++) mesh.setMatrixAt(i, new THREE.Matrix4().makeTranslation(i, 2 * i, 0));
    return mesh;
  },
  morph: () => {
    const geometry = shapes.box.clone();
    const moved = geometry.attributes.position.array.map((one, i) => one + (i % 3));
    geometry.morphAttributes.position = [new THREE.BufferAttribute(moved, 3)];
    geometry.morphAttributes.position[0].name = 'bulge';
    const mesh = new THREE.Mesh(geometry, new THREE.MeshStandardMaterial({ name: 'dough' }));
    mesh.morphTargetInfluences = [0.25];
    mesh.morphTargetDictionary = { bulge: 0 };
    return mesh;
  },
};
const clip = (object) => new THREE.AnimationClip('turn', 2, [
  new THREE.VectorKeyframeTrack(`${object.name}.position`, [0, 1, 2], [0, 0, 0, 1, 2, 3, 0, 0, 0]),
  new THREE.QuaternionKeyframeTrack(`${object.name}.quaternion`, [0, 2], [0, 0, 0, 1, 0, 1, 0, 0]),
]);
const write = (name, data) => fs.writeFileSync(`${folder}/${name}`, typeof data === 'string' ? data : Buffer.from(data));
const glb = async (name, scene, options = {}) =>
  write(`${name}.glb`, await new addons.GLTFExporter().parseAsync(scene, { binary: true, ...options }));

for (const [name, scene] of Object.entries(scenes)) {
  scene.updateMatrixWorld(true);
  await glb(name, scene);
  write(`${name}.gltf`, JSON.stringify(await new addons.GLTFExporter().parseAsync(scene)));
  write(`${name}.obj`, new addons.OBJExporter().parse(scene));
  const data = new addons.STLExporter().parse(scene, { binary: true });
  write(`${name}.stl`, data.buffer);
  write(`${name} as text.stl`, new addons.STLExporter().parse(scene));
  write(`${name}.usdz`, await new addons.USDZExporter().parseAsync(scene));
}
for (const [name, make] of Object.entries(special)) await glb(name, new THREE.Scene().add(make()));
const moving = scenes.knot.children[0];
await glb('animated', scenes.knot, { animations: [clip(moving)] });
await glb('quaternions only', new THREE.Scene().add(scenes.torus.children[0].clone()), { trs: true, onlyVisible: false });
