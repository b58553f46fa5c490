"""Where a control plane is reached: on loopback, or on an address that nodes and their Pods reach too."""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressing:
    """The API server's own address and the range of the Services."""

    host: str = "127.0.0.1"
    services: str = "10.0.0.0/24"

    @property
    def loopback(self) -> bool:
        """Whether no node can ever reach it."""
        return ipaddress.ip_address(self.host).is_loopback

    @property
    def kubernetes_service(self) -> str:
        """What the API server takes for the Service `kubernetes`: the first address."""
        return self.service(1)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that its certificate has to name."""
        inside = ("kubernetes.default.svc", "kubernetes.default.svc.cluster.local", self.kubernetes_service)
        return (self.host, "127.0.0.1", "localhost", *inside)

    def service(self, number: int) -> str:
        """Return the address of that number in the Services' range."""
        return str(ipaddress.ip_network(self.services)[number])


LOOPBACK = Addressing()
