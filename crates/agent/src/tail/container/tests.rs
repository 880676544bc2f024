//! Containers found by their files.

use super::*;

#[test]
fn docker_containers_and_pods() {
    let dir = tempfile::tempdir().unwrap();
    let docker = dir.path().join("abc123");
    std::fs::create_dir_all(&docker).unwrap();
    std::fs::write(docker.join("abc123-json.log"), "").unwrap();
    let description = serde_json::json!({ "Name": "/shop", "Config": { "Image": "registry:5000/team/nginx:1.2", "Labels": {
        "com.datadoghq.ad.logs": "[{\"source\":\"nginx\",\"service\":\"web\"}]", "com.datadoghq.tags.env": "prod" } } });
    std::fs::write(docker.join("config.v2.json"), description.to_string()).unwrap();
    let pod = dir.path().join("shop_cart-1_uid-9/app");
    std::fs::create_dir_all(&pod).unwrap();
    std::fs::write(pod.join("0.log"), "").unwrap();
    let root = dir.path().display().to_string();
    let found = find(Some(&root), None, None);
    assert_eq!(found.iter().map(|w| w.envelope).collect::<Vec<_>>(), [Envelope::DockerJson, Envelope::Cri]);
    let nginx = found[0].container.clone().unwrap();
    assert_eq!(
        (nginx.name.as_str(), nginx.service.as_str(), nginx.source.as_str()),
        ("shop", "web", "nginx")
    );
    for tag in ["container_id:abc123", "container_name:shop", "short_image:nginx", "env:prod"] {
        assert!(nginx.tags.contains(&tag.to_owned()), "{tag} in {:?}", nginx.tags);
    }
    let app = found[1].container.clone().unwrap();
    assert!(
        app.tags.contains(&"kube_namespace:shop".to_owned())
            && app.tags.contains(&"pod_name:cart-1".to_owned())
    );
    assert_eq!(find(Some(&root), Some("nginx"), None).len(), 1);
    assert_eq!(find(Some(&root), None, Some("other")).len(), 0);
    let mut record = Record { service: "configured".to_owned(), ..Record::default() };
    nginx.describe(&mut record);
    assert_eq!((record.service.as_str(), record.source.as_str()), ("configured", "nginx"));
}
