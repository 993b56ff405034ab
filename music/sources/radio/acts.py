from rooms.roles import HOSTS, Act

STATIONS = Act(
    key="stations",
    description="add and remove radio stations",
    roles=HOSTS,
    refusal="Only the host and co-hosts add radio stations.",
)
